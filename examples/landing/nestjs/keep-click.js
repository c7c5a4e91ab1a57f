import { captureClickId } from 'refport';

export function keepClick(req, res, next) {
  const click = captureClickId(req);
  if (click) res.append('Set-Cookie', click.setCookie);
  next();
}
