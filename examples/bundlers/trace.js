// Copies a program and every file that it needs, and nothing else: node trace.js server.js dist/nft

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFileTrace } from '@vercel/nft';

const [entry, destination] = process.argv.slice(2);
const { fileList } = await nodeFileTrace([entry]);
// Links as they are: pnpm's point to where the files are, which are on the list too.
for (const file of fileList) cpSync(file, join(destination, file), { verbatimSymlinks: true });
