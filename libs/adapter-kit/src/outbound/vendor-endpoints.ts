import { Injectable } from '@nestjs/common';

/** Base URLs that the operator configured to replace the vendors' defaults, for a proxy or a test. */
@Injectable()
export class VendorEndpoints {
  private readonly byVendor: ReadonlyMap<string, string>;

  /** @param overrides base URL by vendor key */
  constructor(overrides: Readonly<Record<string, string>> = {}) {
    this.byVendor = new Map(Object.entries(overrides).map(([vendor, url]) => [vendor, url.replace(/\/+$/, '')]));
  }

  /** Returns the base URL of a vendor's API, without a trailing slash. */
  baseUrl(vendor: string, own: string): string {
    return this.byVendor.get(vendor) ?? own;
  }
}
