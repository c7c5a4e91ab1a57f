import { captureClickId } from 'refport';

async function keepClick({ request }, next) {
  const response = await next();
  const click = captureClickId(request);
  if (click) response.headers.append('set-cookie', click.setCookie);
  return response;
}
export const middleware = [keepClick];
