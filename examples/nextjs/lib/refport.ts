import { Refport } from 'refport';

let client: Refport | undefined;

/** Made on first use: `next build` loads this module too, where there is no API key. */
export function getRefport() {
  client ??= new Refport({ apiKey: process.env.REFPORT_API_KEY });
  return client;
}
