import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import type { Vendor } from '../../api/types.ts';
import { ButtonLink } from '../../ui/links.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { VendorMark } from '../../ui/vendor-mark.tsx';
import { ConnectionForm } from './connection-form.tsx';
import classes from './new-page.module.css';

/** A new connection to a vendor that is chosen. */
export function NewConnection({ vendor }: { readonly vendor: Vendor }) {
  const navigate = useNavigate();
  return (
    <div className={classes.column}>
      <PageHeader
        title={
          <span className={classes.title}>
            <VendorMark vendor={vendor.vendor} displayName={vendor.displayName} size={36} />
            Add {vendor.displayName}
          </span>
        }
        actions={
          <ButtonLink to="/connections/new" variant="default">
            Choose another vendor
          </ButtonLink>
        }
      />
      <ConnectionForm
        vendor={vendor}
        onSaved={({ id, name }) => {
          notifications.show({ message: `${name} is added` });
          void navigate({ to: '/connections/$id', params: { id } });
        }}
        cancel={
          <ButtonLink to="/connections" variant="subtle">
            Cancel
          </ButtonLink>
        }
      />
    </div>
  );
}
