import type { Answer } from './answer.ts';
import type { Res } from './listener.ts';

/** Resolves when the answer has been written or the client is gone. */
export function sendAnswer(answer: Answer, res: Res): Promise<void> {
  writeHead(answer, res);
  return new Promise((resolve) => {
    res.on('close', resolve);
    res.end(answer.body, resolve);
  });
}

/** Sends the head and the first half of the body. Resolves like {@link sendAnswer}. */
export function sendHalf(answer: Answer, res: Res): Promise<void> {
  const bytes = Buffer.from(answer.body);
  writeHead(answer, res);
  return new Promise((resolve) => {
    res.on('close', resolve);
    res.write(bytes.subarray(0, bytes.length / 2), () => resolve());
  });
}

function writeHead({ status, headers, body }: Answer, res: Res): void {
  const hasBody = status !== 204 && status !== 304;
  const length = hasBody ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  res.writeHead(status, { ...length, ...headers });
}
