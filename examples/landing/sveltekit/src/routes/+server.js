import { getClickIdFromRequest } from 'refport';

export function GET(event) {
  return new Response(`The click is ${getClickIdFromRequest(event)}`);
}
