import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';

/** A repository in miniature, with a text of each kind that is checked. */
const CLEAN = {
  'README.md': '# Connections\n\nAn operator creates a connection. `organisation` and `whoever` are code.\n',
  'NOTES.md': 'There is no key. No more than five, all at once. It tells two keys apart. Promises of advertising.\n',
  'docs/guide.md': '```sh\n# whoever runs this\n```\n\nSee [ADR 1](adr/0001-sealed.md).\n',
  'docs/openapi.json':
    '{\n  "info": { "description": "Returns the connections." },\n  "whoever": "no description"\n}\n',
  'libs/connections/src/errors.ts':
    "// Whoever reads this: plain comments are not checked.\nexport const column = 'organisation';\n" +
    '/** Returns what the vendor returned. */\nexport const message = `Unknown field. Use \\`whoever\\`.`;\n',
  'libs/console/src/page.tsx': 'export const Page = () => <p title="Connections">No connections yet.</p>;\n',
  'libs/console/src/api/schema.ts': "export const generated = 'for whoever';\n",
  'docker/compose.yaml': '# The service and its database.\n',
};

let root;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'score-words-'));
  for (const folder of ['src', 'libs', 'docs', 'docker', 'scripts']) mkdirSync(join(root, folder));
  for (const [path, text] of Object.entries(CLEAN)) write(path, text);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('finds nothing in proper texts, nor in code', () => {
  assert.deepEqual(checkWords(), { status: 0, out: '' });
});

/** The path, the text, the line of the finding and the advice. */
const PLANTED = [
  ['docs/prose.md', 'First.\n\nWhoever runs it needs a key.\n', 3, 'name the actor'],
  ['docs/line-break.md', 'Keys are shown once and none is kept for\ngood.\n', 1, 'permanently'],
  ['docs/heading.md', 'Text.\n\n## What becomes of a message\n', 3, 'heading'],
  ['docs/sentence.md', 'What the vendor cannot do is refused.\n', 1, 'subject'],
  ['docs/spelling.md', 'The organisation’s colours.\nIt was cancelled.\n', 2, 'US spelling'],
  ['SECURITY.md', 'An operator and his keys.\n', 1, 'they'],
  ['src/message.ts', "\n\nthrow new Error('Whoever calls this needs a key.');\n", 3, 'name the actor'],
  ['src/template.ts', 'export const hint = (id: string) => `${id} is sealed.`;\n', 1, 'encrypt'],
  ['src/template-end.ts', 'export const hint = (id: string) => `Key ${id} as nobody.\n`;\n', 1, 'no one'],
  [
    'libs/console/src/text.tsx',
    'export const P = () => (\n  <p>\n    Unless told, not.\n  </p>\n);\n',
    3,
    'by default',
  ],
  ['libs/console/src/label.tsx', 'export const P = () => <input title="Whoever" />;\n', 1, 'name the actor'],
  ['libs/console/src/comment.ts', '/**\n * For everyone\n * and somebody.\n */\nexport const id = 1;\n', 3, 'someone'],
  ['libs/console/package.json', '{ "description": "Sends e-mails" }', 1, 'email'],
  [
    'docs/openapi.json',
    '{\n  "description": "For \\"whoever\\" asks.",\n "summary": "Ends it, at once" }\n',
    2,
    'actor',
  ],
  ['docker/Dockerfile', '# It is a service of ours.\n', 1, 'own'],
];

it('reports file, line and advice for each kind of text', () => {
  for (const [path, text] of PLANTED) write(path, text);
  const { status, out } = checkWords();
  assert.equal(status, 1);
  const findings = out.split('\n');
  for (const [path, , line, advice] of PLANTED) {
    const found = findings.filter((finding) => finding.startsWith(`${path}:${line}: `));
    assert.ok(
      found.some((finding) => finding.includes(advice)),
      `${path}: ${found.join()}`,
    );
  }
});

it('fails for one planted word', () => {
  write('src/message.ts', "throw new Error('Whoever calls this needs a key.');\n");
  assert.deepEqual(checkWords(), {
    status: 1,
    out: 'src/message.ts:1: Whoever: name the actor: "an operator", "anyone with the manage scope"\n',
  });
});

function write(path, text) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function checkWords() {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/check-words.js', root], { encoding: 'utf8' });
  return { status, out: stdout };
}
