import { getClickIdFromRequest } from 'refport';

export { middleware } from './keep-click.js';

export function loader({ request }) {
  return new Response(`The click is ${getClickIdFromRequest(request)}`);
}
