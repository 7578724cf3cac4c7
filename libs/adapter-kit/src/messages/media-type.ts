const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`{|}~-]+";
const PARAMETER = String.raw`;\s*${TOKEN}\s*=\s*(?:${TOKEN}|"(?:[^"\\]|\\.)*")\s*`;
// RFC 2045, 5.1. Quoted non-ASCII letters are not allowed there, but common in `name`.
const MEDIA_TYPE = new RegExp(String.raw`^(${TOKEN})/(${TOKEN})\s*((?:${PARAMETER})*);?\s*$`);

export interface MediaType {
  /** Type and subtype in lowercase, such as `text/csv`. */
  readonly essence: string;
  /** The parameters as they were given: empty, or from the first semicolon on. */
  readonly parameters: string;
}

/**
 * Parses a media type.
 * @returns undefined if the text is not a media type
 */
export function parseMediaType(text: string): MediaType | undefined {
  const [, type, subtype, parameters = ''] = MEDIA_TYPE.exec(text.trim()) ?? [];
  if (type === undefined || subtype === undefined) return undefined;
  return { essence: `${type}/${subtype}`.toLowerCase(), parameters: parameters.trim() };
}
