const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const DOMAINS = ['gmail.example', 'outlook.example', 'yahoo.example', 'web.example', 'icloud.example'] as const;
const PLATFORMS = [
  'Windows NT 10.0; Win64; x64',
  'Macintosh; Intel Mac OS X 10_15_7',
  'X11; Linux x86_64',
  'Linux; Android 14; Pixel 8',
  'iPhone; CPU iPhone OS 17_5 like Mac OS X',
] as const;
const PAGES = ['sale', 'products', 'journal', 'account', 'preferences'] as const;

/** Pseudorandom values of events. They depend only on the seed (the generator is mulberry32). */
export class Values {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 to `limit - 1`. */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  /** True in one of `n` cases. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** Of an array that is not empty. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** Characters of base64url. */
  id(length: number): string {
    let text = '';
    // Five characters of 6 bits from one number.
    while (text.length < length) {
      for (let bits = this.next(), count = 0; count < 5; count++, bits >>>= 6) text += ALPHABET.charAt(bits & 63);
    }
    return text.slice(0, length);
  }

  hex(length: number): string {
    let text = '';
    while (text.length < length) text += this.next().toString(16).padStart(8, '0');
    return text.slice(0, length);
  }

  uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-7${this.hex(3)}-8${this.hex(3)}-${this.hex(12)}`;
  }

  /** The first one is not 0. */
  digits(length: number): string {
    let text = String(1 + this.below(9));
    while (text.length < length) text += String(this.below(1_000_000)).padStart(6, '0');
    return text.slice(0, length);
  }

  /** An email address. Two of three are at a large provider. */
  recipient(): string {
    const domain = this.oneIn(3) ? `${this.hex(6)}.example` : this.pick(DOMAINS);
    return `${this.hex(6)}.${this.hex(5)}@${domain}`;
  }

  address(): string {
    return [1 + this.below(223), this.below(256), this.below(256), this.below(256)].join('.');
  }

  userAgent(): string {
    const version = [110 + this.below(30), 0, this.below(7_000), this.below(200)].join('.');
    return `Mozilla/5.0 (${this.pick(PLATFORMS)}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version} Safari/537.36`;
  }

  url(): string {
    const campaign = String(10_000 + this.below(50));
    return `https://shop.example/${this.pick(PAGES)}/${this.hex(8)}?utm_source=newsletter&utm_campaign=${campaign}&c=${this.hex(16)}`;
  }

  /** 32 bits. */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
