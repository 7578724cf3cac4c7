import { Button, Skeleton, Text, TextInput, Title } from '@mantine/core';
import { IconCheck, IconMinus, IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Vendor, VendorPreset } from '../../api/types.ts';
import { Announcement } from '../../ui/status.tsx';
import { VendorMark } from '../../ui/vendor.tsx';
import { initialValues, inSentence, isValue, shownFields } from '../form/form-values.ts';
import classes from './new.module.css';

const SKELETON_CARDS = 5;
/** How many presets are shown before a search or "Show all". */
const SHOWN_PRESETS = 16;
/** How many presets a card names. */
const NAMED_PRESETS = 4;

/** The vendors and the presets of well-known providers, with a search over both. */
export function VendorChoice({ vendors }: { readonly vendors: readonly Vendor[] }) {
  const [typed, setTyped] = useState('');
  const search = typed.trim().toLocaleLowerCase('en');
  const found = inOrder(vendors).filter(({ displayName }) => matches(displayName, search));
  const presets = vendors.flatMap((vendor) => {
    const chosen = vendor.presets.filter(({ label }) => matches(label, search));
    return chosen.length === 0 ? [] : [{ vendor, chosen }];
  });
  const isNothing = found.length === 0 && presets.length === 0;
  return (
    <>
      <TextInput
        className={classes.search}
        type="search"
        aria-label="Search vendors and providers"
        placeholder="Search, such as SendGrid, Gmail or Amazon SES"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {found.length > 0 && (
        <ul className={classes.cards}>
          {found.map((vendor) => (
            <li key={vendor.vendor} className={classes.item}>
              <VendorCard vendor={vendor} />
            </li>
          ))}
        </ul>
      )}
      {presets.map(({ vendor, chosen }) => (
        <Presets key={vendor.vendor} vendor={vendor} presets={chosen} isSearch={search !== ''} />
      ))}
      {isNothing && (
        <Text c="dimmed">
          No vendor or provider matches. Any provider with SMTP access works: clear the search and choose the vendor
          with presets.
        </Text>
      )}
      {search !== '' && (
        <Announcement>
          {isNothing
            ? 'No results'
            : `${String(found.length + presets.reduce((sum, { chosen }) => sum + chosen.length, 0))} results`}
        </Announcement>
      )}
    </>
  );
}

/** Vendors with webhooks first, then by name. */
function inOrder(vendors: readonly Vendor[]): readonly Vendor[] {
  const rank = ({ capabilities }: Vendor) => (capabilities.webhooks === 'none' ? 1 : 0);
  return vendors.toSorted((a, b) => rank(a) - rank(b) || a.displayName.localeCompare(b.displayName, 'en'));
}

function matches(text: string, search: string): boolean {
  return text.toLocaleLowerCase('en').includes(search);
}

function VendorCard({ vendor }: { readonly vendor: Vendor }) {
  const needed = neededFor(vendor).map(inSentence);
  return (
    <div className={classes.card}>
      <div className={classes.head}>
        <VendorMark vendor={vendor.vendor} displayName={vendor.displayName} size={40} />
        <Title order={2} size="h5">
          <Link to="/connections/new" search={{ vendor: vendor.vendor }} className={classes.link}>
            {vendor.displayName}
          </Link>
        </Title>
      </div>
      <ul className={classes.facts}>
        {factsOf(vendor).map(({ has, text }) => (
          <li key={text} className={classes.fact}>
            {has ? <IconCheck size={15} aria-hidden /> : <IconMinus size={15} aria-hidden />}
            {text}
          </li>
        ))}
      </ul>
      {needed.length > 0 && (
        <Text size="xs" c="dimmed" className={classes.needed}>
          You need: {new Intl.ListFormat('en').format(needed)}
        </Text>
      )}
    </div>
  );
}

interface PresetsProps {
  readonly vendor: Vendor;
  readonly presets: readonly VendorPreset[];
  readonly isSearch: boolean;
}

/** Links to the form of a vendor with a preset filled in. */
function Presets({ vendor: { vendor, displayName }, presets, isSearch }: PresetsProps) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole || isSearch ? presets : presets.slice(0, SHOWN_PRESETS);
  return (
    <section aria-labelledby={`presets-${vendor}`} className={classes.presets}>
      <Title order={2} size="h5" id={`presets-${vendor}`}>
        {displayName} presets
      </Title>
      <Text size="sm" c="dimmed" mt={2} mb="sm">
        Host, port and encryption are filled in.
      </Text>
      <ul className={classes.presetList}>
        {shown.map(({ key, label }) => (
          <li key={key}>
            <Link to="/connections/new" search={{ vendor, preset: key }} className={classes.preset}>
              {label}
            </Link>
          </li>
        ))}
      </ul>
      {shown.length < presets.length && (
        <Button variant="subtle" size="sm" mt="xs" onClick={() => setWhole(true)}>
          Show all {presets.length} presets
        </Button>
      )}
    </section>
  );
}

export function VendorChoiceSkeleton() {
  return (
    <div aria-busy="true">
      <Skeleton className={classes.search} h={36} />
      <div className={classes.cards}>
        {Array.from({ length: SKELETON_CARDS }, (_, index) => (
          <div key={index} className={classes.card}>
            <div className={classes.head}>
              <Skeleton w={40} h={40} radius={11} />
              <Skeleton w={110} h={16} />
            </div>
            <div className={classes.facts}>
              <Skeleton h={14} my={4} w="85%" />
              <Skeleton h={14} my={4} w="70%" />
              <Skeleton h={14} my={4} w="75%" />
              <Skeleton h={14} my={4} w="45%" />
            </div>
            <div className={classes.needed}>
              <Skeleton h={12} my={3} w="50%" />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}

interface VendorFact {
  readonly has: boolean;
  readonly text: string;
}

const WEBHOOKS: Readonly<Record<Vendor['capabilities']['webhooks'], string>> = {
  none: 'No webhooks',
  signature: 'Webhooks, authenticated by a signature',
  'signed-token': 'Webhooks, authenticated by a signed token',
  'shared-secret': 'Webhooks, authenticated by a shared secret',
};

function factsOf({ capabilities, presets }: Vendor): readonly VendorFact[] {
  const { webhooks, events, scheduling } = capabilities;
  const has = webhooks !== 'none';
  return [
    { has, text: WEBHOOKS[webhooks] },
    ...(has ? [{ has, text: reported(events) }] : []),
    ...(scheduling ? [{ has: true, text: 'Scheduled sending' }] : []),
    ...(presets.length > 0 ? [{ has: true, text: presetsInWords(presets) }] : []),
  ];
}

/** "Presets for 31 providers (Gmail, Microsoft 365, Amazon SES, Mailgun…)", naming different providers, not variants of one. */
function presetsInWords(presets: readonly VendorPreset[]): string {
  const names = new Map<string, string>();
  for (const { label } of presets) {
    const name = label.replace(/ \(.*\)$|,.*$/, '');
    const [brand = name] = name.split(' ');
    if (!names.has(brand)) names.set(brand, name);
  }
  const named = [...names.values()].slice(0, NAMED_PRESETS).join(', ');
  return `Presets for ${String(names.size)} providers (${named}${names.size > NAMED_PRESETS ? '…' : ''})`;
}

function reported(events: Vendor['capabilities']['events']): string {
  const known = [
    ['delivered', 'deliveries'],
    ['bounced', 'bounces'],
    ['complained', 'complaints'],
    ['opened', 'opens'],
    ['clicked', 'clicks'],
    ['unsubscribed', 'unsubscribes'],
  ] as const;
  const words = known.filter(([kind]) => events.includes(kind)).map(([, word]) => word);
  return `Reports ${new Intl.ListFormat('en').format(words)}`;
}

/** The labels of the fields that the user must fill in: "API key", "Domain". */
function neededFor(vendor: Vendor): readonly string[] {
  const shown = shownFields(vendor.fields, initialValues(vendor, undefined));
  return shown.filter(({ required, schema }) => required && !isValue(schema['default'])).map(({ label }) => label);
}
