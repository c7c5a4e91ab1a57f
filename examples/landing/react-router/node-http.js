/** A request of Node's as one of the Fetch API. */
export function createRequest(req) {
  const headers = new Headers();
  for (let index = 0; index < req.rawHeaders.length; index += 2)
    headers.append(req.rawHeaders[index], req.rawHeaders[index + 1]);
  return new Request(`http://${req.headers.host}${req.url}`, { method: req.method, headers });
}

export async function send(response, res) {
  res.writeHead(response.status, [...response.headers].flat());
  res.end(await response.text());
}
