/** Where a secret was found, and in which form. */
export interface Finding {
  readonly secret: string;
  readonly form: string;
}

/**
 * Looks for secrets in bytes: raw, URL-encoded, in hexadecimal, in JSON, and inside of anything that reads as base64,
 * wherever in it they start.
 */
export function findSecrets(haystack: Buffer, secrets: Iterable<string>): Finding[] {
  const searched = [...secrets];
  if (searched.length === 0) return [];
  const text = haystack.toString('latin1');
  const lowerCase = text.toLowerCase();
  // A shorter text holds no secret in base64, which most texts are.
  const shortest = Math.ceil((Math.min(...searched.map((secret) => Buffer.byteLength(secret))) * 4) / 3);
  const decoded = [...text.matchAll(new RegExp(`[A-Za-z0-9+/_-]{${String(Math.max(4, shortest))},}`, 'g'))]
    .flatMap(([token]) => [0, 1, 2, 3].map((skip) => Buffer.from(token.slice(skip), 'base64').toString('latin1')))
    .join('\n');
  const findings: Finding[] = [];
  for (const secret of searched) {
    const bytes = Buffer.from(secret);
    const forms = {
      raw: bytes.toString('latin1'),
      json: Buffer.from(JSON.stringify(secret).slice(1, -1)).toString('latin1'),
      url: encodeURIComponent(secret),
      hex: bytes.toString('hex'),
    };
    for (const [form, needle] of Object.entries(forms)) {
      if (lowerCase.includes(needle.toLowerCase())) findings.push({ secret, form });
    }
    if (decoded.includes(forms.raw)) findings.push({ secret, form: 'base64' });
  }
  return findings;
}
