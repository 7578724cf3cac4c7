import { Skeleton } from '@mantine/core';
import classes from './vendor-cards.module.css';

const CARDS = 6;

/** Where the vendors are going to stand. */
export function VendorCardsSkeleton() {
  return (
    <div className={classes.cards} aria-busy="true">
      {Array.from({ length: CARDS }, (_, index) => (
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
  );
}
