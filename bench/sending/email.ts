/** What every side sends: as much text as a short newsletter, the same for all but its number. */
export interface Email {
  readonly from: { readonly email: string; readonly name: string };
  readonly to: readonly { readonly email: string; readonly name: string }[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The header by which the sink knows an email. */
export const NUMBER_HEADER = 'X-Bench-Number';

const PARAGRAPH =
  'Die neue Kollektion ist da: Mäntel, Schuhe und Taschen für kühle Tage, in kleinen Auflagen und aus Wolle von Höfen der Region. ';
const PARAGRAPHS = 6;

export function emailOf(number: number): Email {
  const greeting = `Hello reader ${String(number)},`;
  const paragraphs = Array.from({ length: PARAGRAPHS }, () => PARAGRAPH.trim());
  const link = `https://shop.example/spring?reader=${String(number)}`;
  return {
    from: { email: 'news@sender.example', name: 'The shop' },
    to: [{ email: recipientOf(number), name: `Reader ${String(number)}` }],
    subject: `Our spring collection, number ${String(number)}`,
    text: [greeting, ...paragraphs, link].join('\n\n'),
    html: `<html><body><h1>${greeting}</h1>${paragraphs.map((text) => `<p style="margin: 0 0 16px">${text}</p>`).join('\n')}<a href="${link}">Have a look</a></body></html>`,
    headers: { [NUMBER_HEADER]: String(number) },
  };
}

/** An email with the same content for all recipients. */
export function sameEmailTo(number: number): Omit<Email, 'headers'> {
  const { headers: _headers, ...email } = emailOf(0);
  return { ...email, to: [{ email: recipientOf(number), name: `Reader ${String(number)}` }] };
}

export function recipientOf(number: number): string {
  return `reader-${String(number)}@recipient.example`;
}
