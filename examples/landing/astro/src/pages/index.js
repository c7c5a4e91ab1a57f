import { getClickIdFromRequest } from 'refport';

export const prerender = false;

export function GET(context) {
  return new Response(`The click is ${getClickIdFromRequest(context)}`);
}
