import type { Locator, Page } from 'playwright-core';

interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'string' | 'integer' | 'boolean';
  readonly advanced: boolean;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

/** A vendor as the API returns it. */
export interface DescribedVendor {
  readonly vendor: string;
  readonly displayName: string;
  readonly fields: readonly Field[];
  readonly capabilities: { readonly events: readonly string[] };
}

/** The input with a label, which ends with a star if it is required. */
export function labelled(place: Page | Locator, label: string): Locator {
  return place.getByLabel(new RegExp(`^${label.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}( \\*)?$`));
}

/** Fills the form by the labels of the vendor's fields. */
export async function fillSettings(
  page: Page,
  { fields }: DescribedVendor,
  settings: Readonly<Record<string, string | number | boolean>>,
): Promise<void> {
  for (const field of fields) {
    const value = settings[field.name];
    if (value === undefined) continue;
    const input = labelled(page, field.label);
    if (field.advanced && !(await input.isVisible())) {
      await page.getByRole('button', { name: 'Advanced settings' }).click();
    }
    if (field.type === 'boolean') {
      const toggle = page.getByRole('switch', { name: field.label });
      if ((await toggle.isChecked()) !== value) await toggle.click();
    } else if (field.options !== undefined) {
      const label = field.options.find((option) => option.value === value)?.label ?? String(value);
      await page.getByText(label, { exact: true }).click();
    } else {
      await input.fill(String(value));
    }
  }
}
