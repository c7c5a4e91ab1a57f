import { captureClickId } from 'refport';

export async function handle({ event, resolve }) {
  const response = await resolve(event);
  const click = captureClickId(event);
  if (click) response.headers.append('set-cookie', click.setCookie);
  return response;
}
