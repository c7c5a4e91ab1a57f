// The language check of the pages that users read: the rules of plain writing that a program can see.
//
//   node scripts/prose.mjs

// @ts-nocheck: sentence-splitter brings another version of textlint's types than textlint itself.

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TextlintKernel } from '@textlint/kernel';
import markdown from '@textlint/textlint-plugin-markdown';
import { SentenceSplitterSyntax, splitAST } from 'sentence-splitter';

/** Words in a sentence, at most. */
const LONGEST = 25;

/** The form that is found, and the advice. */
const WORDS = [
  [/^(What|Whoever|Whatever|None of|So much|As many)\b(?!.*\?$)/, 'begin with the subject'],
  [/\bfor ever\b/, 'write "forever"'],
  [/\b(is|are) none\b/, 'write "is missing" or "does not exist"'],
  [/\bcut (short|off)\b/, 'write "truncated" or "closed"'],
  [/\b(hears?|wants? to know|nobody's|says no more)\b/, 'name what the program does'],
  [/\bmay be repeated\b/, 'write "is safe to retry"'],
  [/\bwhoever\b/, 'name the person'],
  [/\bmends?\b/, 'write "fix"'],
];

/** A rule of textlint: each sentence is short, and free of the forms above. */
function plain({ Syntax, RuleError, getSource, report }) {
  return {
    [Syntax.Paragraph](node) {
      for (const sentence of splitAST(node).children) {
        if (sentence.type !== SentenceSplitterSyntax.Sentence) continue;
        // Links and code count by their text.
        const text = getSource(sentence)
          .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
          .replace(/\s+/g, ' ');
        const words = text.split(' ').filter((word) => /\w/.test(word)).length;
        if (words > LONGEST)
          report(sentence, new RuleError(`${words} words, ${LONGEST} at most: "${text.slice(0, 60)}…"`));
        for (const [form, advice] of WORDS) {
          if (form.test(text))
            report(sentence, new RuleError(`"${form.exec(text)?.[0]}": ${advice}: "${text.slice(0, 60)}…"`));
        }
      }
    },
  };
}

const root = new URL('../', import.meta.url);
const docs = fs.readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'ARCHITECTURE.md', ...docs.map((name) => `docs/${name}`)];
const kernel = new TextlintKernel();
for (const page of pages) {
  const filePath = fileURLToPath(new URL(page, root));
  const { messages } = await kernel.lintText(fs.readFileSync(filePath, 'utf8'), {
    ext: '.md',
    filePath,
    plugins: [{ pluginId: 'markdown', plugin: markdown.default ?? markdown }],
    rules: [{ ruleId: 'plain', rule: plain }],
  });
  for (const { line, message } of messages) console.error(`${page}:${line}: ${message}`);
  if (messages.length > 0) process.exitCode = 1;
}
