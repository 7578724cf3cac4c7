import { useMemo } from 'react';
import { indented } from '../../api/exact-json.ts';
import type { DeliveryDetails } from '../../api/types.ts';
import { SourceView } from '../../ui/source-view.tsx';
import { sizeOf } from './delivery-words.ts';

/** The body of a request as text: JSON with line breaks, anything else as it was received. */
export function DeliveryBody({ delivery }: { readonly delivery: DeliveryDetails }) {
  const { body, truncated } = delivery;
  const text = useMemo(() => (body === null ? undefined : readable(body, truncated)), [body, truncated]);
  return <SourceView title="Body" label="Body of the request" text={text} note={noteOn(delivery)} />;
}

const UNREADABLE = '\uFFFD';
const CONTROLS = /(?![\t\n\r])\p{Cc}/gu;

function readable(body: string, isCut: boolean): string {
  // Half of a JSON text has strings without an end.
  if (!isCut && isJson(body)) return indented(body);
  return body.replace(CONTROLS, (character) => symbolOf(character.charCodeAt(0)));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Unicode has a visible symbol for each control character of ASCII. */
function symbolOf(code: number): string {
  if (code === 0x7f) return '\u2421';
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : UNREADABLE;
}

function noteOn(delivery: DeliveryDetails): string | undefined {
  const { body, truncated, size } = delivery;
  if (body === null) return whyMissing(delivery);
  const notes = [
    truncated && `Only the beginning is shown. The whole body has ${sizeOf(size)}.`,
    body.includes(UNREADABLE) && `Bytes that are not UTF-8 text are shown as ${UNREADABLE}.`,
  ].filter((note) => note !== false);
  return notes.length === 0 ? undefined : notes.join(' ');
}

function whyMissing({ status, size, accepted, duplicates, rejected }: DeliveryDetails): string {
  if (status === 'unauthenticated' && size === 0) {
    return 'Not stored: the vendor authenticates by a shared secret, which the request may contain.';
  }
  if (status === 'accepted' && accepted + rejected === 0) {
    return duplicates > 0 ? 'Not stored: all of its events were stored before.' : 'Not stored: it contained no events.';
  }
  return 'No longer stored: bodies are kept for a limited time.';
}
