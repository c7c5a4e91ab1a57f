import { captureClickId } from 'refport';

export async function onRequest(context, next) {
  const response = await next();
  const click = captureClickId(context);
  if (click) response.headers.append('set-cookie', click.setCookie);
  return response;
}
