'use strict';

const [option, ...rest] = process.argv.slice(2);

async function main() {
  if (option === undefined) return await require('./walk.js').walk();
  if (option === '--open' && rest.length === 0) return await require('./open.js').open();
  throw new Error('Usage: npm run demo [-- --open]');
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
