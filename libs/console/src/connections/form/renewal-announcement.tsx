import { Announcement } from '../../ui/announcement.tsx';
import type { Renewal } from './renewal.ts';
import { changed } from './validate.ts';

/** Tells who cannot see it that secrets elsewhere on the page must be entered again. */
export function RenewalAnnouncement({ renewal }: { readonly renewal: Renewal }) {
  if (renewal.secrets.length === 0) return null;
  const secrets = new Intl.ListFormat('en').format(renewal.secrets.map(({ label }) => label));
  return <Announcement>{`${changed(renewal)}. Enter again: ${secrets}.`}</Announcement>;
}
