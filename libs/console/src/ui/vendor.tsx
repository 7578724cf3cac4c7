import { useQuery } from '@tanstack/react-query';
import type { CSSProperties } from 'react';
import { vendorsQuery } from '../api/queries.ts';
import classes from './ui.module.css';

interface VendorMarkProps {
  /** The vendor's key, which decides the color. */
  readonly vendor: string;
  readonly displayName: string;
  readonly size?: number;
}

/** A vendor's initials in a color of its own, so that no vendor needs an image. */
export function VendorMark({ vendor, displayName, size = 32 }: VendorMarkProps) {
  const style = { '--hue': hueOf(vendor), '--size': `${String(size)}px` } as CSSProperties;
  return (
    <span className={classes.vendorMark} style={style} aria-hidden>
      {initialsOf(displayName)}
    </span>
  );
}

/** `SendGrid` → SG, `SMTP.com` → SC, `Generic SMTP` → GS, `Mailgun` → M. */
function initialsOf(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})/u).filter((word) => word !== '');
  return words
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
}

/** FNV-1a: keys with the same beginning get different hues. */
function hueOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const character of key) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash % 360;
}

/** How a vendor is called; until that is known, its key. */
export function useVendorName(vendor: string): string {
  return useQuery(vendorsQuery).data?.find((one) => one.vendor === vendor)?.displayName ?? vendor;
}
