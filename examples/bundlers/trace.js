// Copies a program and every file that it needs, and nothing else: node trace.js server.js dist/nft

import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nodeFileTrace } from '@vercel/nft';

const [entry, destination] = process.argv.slice(2);
// Of what lies outside the base, nothing is taken: it has to hold node_modules, which a workspace has one folder up.
const base = resolve('..');
const { fileList } = await nodeFileTrace([entry], { base });
// Links as they are: pnpm's point to where the files are, which are on the list too.
for (const file of fileList) cpSync(join(base, file), join(destination, file), { verbatimSymlinks: true });
