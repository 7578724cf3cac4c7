/** The vendor's names of message members as they appear in its error texts, and those of the kit. */
const MEMBERS: readonly (readonly [words: RegExp, pointer: string])[] = [
  [/\baddress\.|\brecipients?\b/i, '/to'],
  [/\bcontent\.from\b/i, '/from'],
  [/\bsubject\b/i, '/subject'],
  [/\breply_to\b/i, '/replyTo'],
  [/\bheaders?\b/i, '/headers'],
  [/\b(?:attachments|inline_images)\b/i, '/attachments'],
  [/\bcontent\.html\b/i, '/html'],
  [/\bcontent\.text\b/i, '/text'],
  [/\bmetadata\b/i, '/metadata'],
  [/\btags\b/i, '/tags'],
  [/\bstart_time\b/i, '/sendAt'],
];

/** Returns the pointer of a member named in the vendor's error text: `/from` for `content.from is required`. */
export function messagePointer(words: string): string | undefined {
  return MEMBERS.find(([pattern]) => pattern.test(words))?.[1];
}
