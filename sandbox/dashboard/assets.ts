import * as fs from 'node:fs';
import * as path from 'node:path';

/** The bundled files of the sandbox's pages; no other file can be requested. */
const FOLDER = path.join(import.meta.dirname, 'dashboard');
const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const cache = new Map<string, string>();

export function readAsset(name: string): string {
  const text = cache.get(name) ?? fs.readFileSync(path.join(FOLDER, name), 'utf8');
  cache.set(name, text);
  return text;
}

/** Finds a file by the last part of its URL. */
export function findAsset(name: string): { type: string; text: string } | undefined {
  const type = /^[a-z-]+\.\w+$/.test(name) ? TYPES[path.extname(name)] : undefined;
  if (type === undefined || !(cache.has(name) || fs.readdirSync(FOLDER).includes(name))) return undefined;
  return { type, text: readAsset(name) };
}
