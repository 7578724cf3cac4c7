import { Text, Title } from '@mantine/core';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Vendor } from '../../api/types.ts';
import { VendorMark } from '../../ui/vendor-mark.tsx';
import { inSentence } from './fields.ts';
import classes from './vendor-cards.module.css';
import { factsOf, neededFor } from './vendor-facts.ts';

/** The vendors to choose from, with what each does and what it needs. */
export function VendorCards({ vendors }: { readonly vendors: readonly Vendor[] }) {
  return (
    <ul className={classes.cards}>
      {vendors.map((vendor) => (
        <li key={vendor.vendor} className={classes.item}>
          <VendorCard vendor={vendor} />
        </li>
      ))}
    </ul>
  );
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
