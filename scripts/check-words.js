// Checks the texts that people read for words that this project avoids: documentation, docs/openapi.json, error messages and
// other strings of the source, texts of the console, doc comments. Prints file:line, the words, and what to write instead.
//
//   node scripts/check-words.js [root of the repository]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const FOLDERS = ['src', 'libs', 'docs', 'docker', 'scripts'];
const DOCUMENTS = /^(?!libs\/[^/]+\/test\/).*\.md$/;
const SOURCES = /^(src|libs\/[^/]+\/src)\/.*\.tsx?$|^scripts\/(?!check-words).*\.js$/;
const JSON_FILES = /^(docs\/openapi|package|libs\/[^/]+\/package)\.json$/;
const DOCKER = /^docker\//;

// What ends in -ize in US spelling. A list, because "promise" and "advertising" do not.
const IZE =
  'apolog|author|canonical|capital|central|character|critic|custom|emphas|final|formal|general|harmon|initial|local|maxim|' +
  'minim|neutral|normal|optim|organ|penal|priorit|public|random|real|recogn|sanit|serial|special|stabil|standard|summar|' +
  'symbol|synchron|token|util|visual';

/** What to look for, where a blank stands for any white space, and what to write instead. */
const RULES = [
  [/\bwho(so)?ever\b|\bwhomever\b/gi, 'name the actor: "an operator", "anyone with the manage scope"'],
  [/\bwhat(so)?ever\b|\bwhichever\b/gi, 'name the thing: "every request", "the value"'],
  [/^#{1,6} (?:What|Who|Whose)\b.*$/gm, 'use a noun as the heading'],
  [/\b(?:nobody|somebody)\b/gi, 'write "no one", "someone", or name the role'],
  [/\banew\b/gi, 'write "again"'],
  [/\bunless told\b/gi, 'write "by default"'],
  [/\btold\b|\btells\b(?![^.]{0,40} apart)/gi, 'write "reported", "returns", "shows"'],
  [
    /\bof ours\b|\bof (?:one|his|her|its|their)(?:['’]s)? own accord\b|\bof one['’]s own\b/gi,
    'write "our", "custom", "own"',
  ],
  [/\bfor good\b(?! measure)/gi, 'write "permanently"'],
  [/(?<!\ball )\bat once\b/gi, 'write "immediately" or "at the same time"'],
  [/\bmeanwhile\b/gi, 'leave it out, or write "in the meantime"'],
  [/\bin the place of\b/gi, 'write "instead of"'],
  [/\bhear(?:d|s)\b/gi, 'write "received"'],
  [/\b(?:goes|went) on\b/gi, 'write "continues"'],
  [/\bno more(?=[.,;:)]| (?:and|as|by|for|from|in|of|once|until)\b)/gi, 'write "no longer", "nothing else"'],
  [
    /(?<!\bthere )\b(?:is|are|was|were) no (?!longer|one|more|less|fewer|later|earlier|such|matter)/gi,
    'write "is not a"',
  ],
  [/\b(?:is|are|was|were) not made\b/gi, 'write "could not be created"'],
  [/\bThere is no such\b/g, 'write "unknown", "not found"'],
  [/\b(?:is|are) said\b/gi, 'write "is reported"'],
  [/\bthis once\b(?! an?\b)/gi, 'write "once"'],
  [/\bmend(?:s|ed|ing)?\b/gi, 'write "fix"'],
  [/\bout of use\b/gi, 'write "deleted"'],
  [/\bwhat is left\b/gi, 'write "the remaining …"'],
  [/\bstands (?:at|in|there|beside|for)\b/gi, 'write "is"'],
  [/\b(?:he|she|him|his|himself|herself)\b/gi, 'name the role, or write "they"'],
  [/\b(?:un|re)?seal(?:s|ed|ing)?\b/gi, 'write "encrypt"'],
  [/\bretir(?:e|es|ed|ing)\b/gi, 'write "delete"'],
  [/\bquarantine[ds]?\b/gi, 'write "rejected delivery"'],
  [/\bproven\b|\bbears? (?:a|the|no) proof\b/gi, 'write "authenticated", "signature"'],
  [/\b(?:fates?|happenings?)\b/gi, 'write "scenario", "event"'],
  [/\be-mails?\b/gi, 'write "email"'],
  [new RegExp(`\\b(?:un)?(?:${IZE})is(?:e|ed|es|ing|er|ers|ation|ations)\\b`, 'gi'), 'use US spelling: -ize, -ization'],
  [/\banalys(?:e|ed|ing)\b/gi, 'use US spelling: analyze'],
  [/\b(?:behaviour|colour|favour|honour|labour|neighbour|harbour)\w*/gi, 'use US spelling: -or'],
  [/\b(?:cancel|label|model|signal|travel|channel)l(?:ed|ing)\b/gi, 'use US spelling: one l'],
  [
    /\b(?:cent(?:re|red)|catalogues?|defence|licence|artefacts?|programmes?|grey|whilst|amongst|learnt|fulfil)\b/gi,
    'use US spelling',
  ],
].map(([{ source, flags }, advice]) => ({ pattern: new RegExp(source.replaceAll(' ', '\\s+'), flags), advice }));

// The rest of a sentence, within its paragraph.
const REST = String.raw`(?:(?!\n\n)[^.!?:|])*`;
const VERB = '(?:is|are|was|were|becomes|goes|gets|stays|must)';

/** A clause as the subject: "What the vendor cannot do is rejected." Not in doc comments, which often begin with one. */
const SENTENCES = {
  pattern: new RegExp(
    String.raw`(?<=^|[.!?:|*#>-]\s|\n\n)(?:What(?!\s+you)|Who|Whose)\s+\w${REST}?(?<!\bwhat)\s${VERB}\s${REST}\.(?=\s|$)`,
    'g',
  ),
  advice: 'name the actor or the thing as the subject',
};

/**
 * Lines that keep such an expression, as a vendor's own words: `{ file, line, reason }`, where `line` is a part of the line.
 * @type {{ file: string, line: string, reason: string }[]}
 */
const ALLOWED = [
  'SET last_rejected_at = last_refused_at WHERE',
  'SET last_refused_at = NULL, last_refusal = NULL WHERE',
].map((line) => ({
  file: 'libs/connections/src/database/migrations/1764000000012-rejected-deliveries.ts',
  line,
  reason: 'a value that is stored at the time of this migration',
}));

const root = process.argv[2] ?? '.';
const files = [...filesIn(''), ...FOLDERS.flatMap((folder) => filesIn(folder, true))];
const findings = files.flatMap((file) => {
  if (DOCUMENTS.test(file)) return check(file, read(file), 0, withoutCode(read(file)));
  if (DOCKER.test(file)) return check(file, read(file));
  if (JSON_FILES.test(file)) return checkJson(file);
  return SOURCES.test(file) ? checkSource(file) : [];
});
for (const finding of findings) process.stdout.write(`${finding}\n`);
if (findings.length > 0) {
  process.stderr.write(
    `Found ${String(findings.length)} expressions that this project avoids (scripts/check-words.js).\n`,
  );
  process.exitCode = 1;
}

/** The paths of the files in a folder, from the root; `recursive`: and below it. */
function filesIn(folder, recursive = false) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return recursive && !/^(node_modules|dist)$/.test(entry.name) ? filesIn(path, true) : [];
    return path.endsWith('api/schema.ts') ? [] : [path];
  });
}

function read(file) {
  return readFileSync(join(root, file), 'utf8');
}

/**
 * @param start where the text begins in the source
 * @param text the source from there on, with blanks for what is not prose
 */
function check(file, source, start = 0, text = source, rules = [...RULES, SENTENCES]) {
  return rules.flatMap(({ pattern, advice }) =>
    [...text.matchAll(pattern)].flatMap(({ 0: words, index }) => {
      const number = source.slice(0, start + index + /^\s*/.exec(words)[0].length).split('\n').length;
      const line = source.split('\n')[number - 1];
      if (ALLOWED.some((allowed) => allowed.file === file && line.includes(allowed.line))) return [];
      return [`${file}:${String(number)}: ${words.replaceAll(/\s+/g, ' ').trim()}: ${advice}`];
    }),
  );
}

/** Blanks code and link targets, so that names are not checked and the rest keeps its place. */
function withoutCode(text) {
  return text.replaceAll(/^```[\s\S]*?^```|`[^`\n]*`|\]\([^)\s]*\)|<!--[\s\S]*?-->/gm, (code) =>
    code.replaceAll(/[^\n]/g, '_'),
  );
}

function checkJson(file) {
  const source = read(file);
  const texts = source.matchAll(/(?<="(?:description|summary|title)": )"(?:[^"\\]|\\.)*"/g);
  return [...texts].flatMap(({ 0: text, index }) => check(file, source, index + 1, withoutCode(text.slice(1, -1))));
}

function checkSource(file) {
  const source = read(file);
  const kind = file.endsWith('.tsx') ? ts.ScriptKind.TSX : file.endsWith('.ts') ? ts.ScriptKind.TS : ts.ScriptKind.JS;
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, kind);
  const found = [];
  const checkedComments = new Set();
  const visit = (node) => {
    for (const { pos, end } of ts.getLeadingCommentRanges(source, node.pos) ?? []) {
      if (checkedComments.has(pos) || !source.startsWith('/**', pos)) continue;
      checkedComments.add(pos);
      const stars = /^\s*\*|\/\*\*|\*\/$/gm;
      const comment = withoutCode(source.slice(pos, end)).replaceAll(stars, (star) => star.replaceAll(/[^\n]/g, ' '));
      found.push(...check(file, source, pos, comment, RULES));
    }
    if (isText(node)) {
      const text = node.getText();
      const [from, to] = ts.isJsxText(node) ? [0, text.length] : [1, text.length - (text.endsWith('${') ? 2 : 1)];
      found.push(...check(file, source, node.getStart() + from, withoutCode(text.slice(from, to))));
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** A string that people may read: names such as `organisation` in a migration are code. */
function isText(node) {
  if (ts.isJsxText(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) return true;
  if (!ts.isStringLiteralLike(node) || ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent))
    return false;
  return /\s|^[A-Z][a-z]/.test(node.text);
}
