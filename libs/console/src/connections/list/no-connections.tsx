import { IconPlugConnected, IconSearch } from '@tabler/icons-react';
import { Announcement } from '../../ui/announcement.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import tableClasses from '../../ui/data-table.module.css';
import { ButtonLink } from '../../ui/links.tsx';

export function NoConnections({ mayManage }: { readonly mayManage: boolean }) {
  return (
    <div className={tableClasses.frame}>
      <EmptyState
        icon={<IconPlugConnected size={22} />}
        title="Connect your first email vendor"
        action={mayManage && <ButtonLink to="/connections/new">Add Connection</ButtonLink>}
      >
        {mayManage
          ? 'Campaigns and journeys send through a connection. Add one, send yourself a test, and you are ready to launch.'
          : 'Campaigns and journeys send through a connection. Ask an admin of your organization to add the first one.'}
      </EmptyState>
    </div>
  );
}

export function NoMatch() {
  return (
    <div className={tableClasses.frame}>
      <Announcement>No results</Announcement>
      <EmptyState
        icon={<IconSearch size={22} />}
        title="No matching connections"
        action={
          <ButtonLink to="/connections" search={{}} variant="default">
            Clear filters
          </ButtonLink>
        }
      >
        The search covers names and senders. Try a shorter search, or another vendor.
      </EmptyState>
    </div>
  );
}
