import { Group, Text } from '@mantine/core';
import { useRef } from 'react';
import { BusyButton } from '../buttons.tsx';

interface Page<Item> {
  readonly data: readonly Item[];
}

/** Of a list that is loaded in pages, as `useInfiniteQuery` returns it. */
interface PagedList<Item> {
  readonly data: { readonly pages: readonly Page<Item>[] } | undefined;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => Promise<Pick<PagedList<Item>, 'data' | 'hasNextPage'>>;
}

interface LoadMoreProps<Item> {
  readonly list: PagedList<Item>;
  readonly focusRow: (itemId: string) => void;
  /** How many items there are, once all are loaded: "8 events". */
  readonly total: string;
}

/** The end of a table: the button that loads more, or how many rows there are. */
export function LoadMore<Item extends { readonly id: string }>({ list, focusRow, total }: LoadMoreProps<Item>) {
  const button = useRef<HTMLButtonElement>(null);

  const load = async () => {
    const hadFocus = document.activeElement === button.current;
    const known = itemsOf(list.data).length;
    const { data, hasNextPage } = await list.fetchNextPage();
    // The button disappears with the last page: the focus moves to the first new row.
    const next = itemsOf(data)[known];
    if (hadFocus && !hasNextPage && next !== undefined) focusRow(next.id);
  };

  return (
    <Group justify="center" mih={36}>
      {list.hasNextPage ? (
        <BusyButton ref={button} variant="default" isBusy={list.isFetchingNextPage} onClick={() => void load()}>
          Load more
        </BusyButton>
      ) : (
        <Text size="sm" c="dimmed">
          {total}
        </Text>
      )}
    </Group>
  );
}

function itemsOf<Item>(data: PagedList<Item>['data']): readonly Item[] {
  return data?.pages.flatMap((page) => page.data) ?? [];
}
