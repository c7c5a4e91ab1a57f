/** An HTTP response before it is sent. Header names are in lower case. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export const jsonAnswer = (status: number, value: unknown, headers?: Record<string, string>): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value),
});

export const errorAnswer = (status: number, code: string, message: string, headers?: Record<string, string>): Answer =>
  jsonAnswer(status, { error: { code, message } }, headers);
