import { Burger, Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconActivity,
  IconBan,
  IconBook2,
  IconChartLine,
  IconHistory,
  IconKey,
  IconMail,
  IconStack2,
  IconWebhook,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouter } from '@tanstack/react-router';
import { type MouseEvent, type RefObject, useEffect, useRef } from 'react';
import { consumersQuery } from '../api/queries.ts';
import { useMayManageAll, useMaySendAll, useSession, useSharedSession } from '../session/session.ts';
import { SessionEndedDialog } from '../session/sign-in.tsx';
import { useEscape } from '../ui/dialog.tsx';
import { Logo } from '../ui/page.tsx';
import { Account } from './account.tsx';
import classes from './shell.module.css';

/** The frame of every page: a sidebar, or a top bar with a drawer on narrow screens. */
export function Shell() {
  const [isOpen, drawer] = useDisclosure(false);
  const main = useRef<HTMLElement>(null);
  useSharedSession();
  useFocusOnPage(main);
  useEscape(isOpen, drawer.close);
  const skip = (event: MouseEvent) => {
    // Following the link would add a step to the history.
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip} onClick={skip}>
        Skip to content
      </a>
      <aside className={classes.sidebar} aria-label="Sidebar">
        <div className={classes.logo}>
          <Logo />
        </div>
        <Navigation />
        <div className={classes.spacer} />
        <Account />
      </aside>
      <header className={classes.bar}>
        <Logo />
        <Burger opened={isOpen} onClick={drawer.toggle} size="sm" aria-label="Menu" aria-expanded={isOpen} />
      </header>
      <Drawer opened={isOpen} onClose={drawer.close} title="Menu" size="xs" position="right">
        <div className={classes.drawer}>
          <Navigation onNavigate={drawer.close} />
          <Account />
        </div>
      </Drawer>
      <main id="main" ref={main} className={classes.main} tabIndex={-1}>
        <ModeBanner />
        <div className={classes.content}>
          <Outlet />
        </div>
      </main>
      <SessionEndedDialog />
    </div>
  );
}

/** The mode of the service, on every page: emails do not go to their recipients. */
function ModeBanner() {
  const { sendingMode, sendingRedirectTo } = useSession();
  if (sendingMode === 'live') return null;
  return (
    <section className={classes.mode} aria-label="Sending mode">
      {sendingMode === 'drop'
        ? 'No emails are sent: this service drops them.'
        : `All emails of this service go to ${sendingRedirectTo ?? 'one address'}, not to their recipients.`}
    </section>
  );
}

interface NavigationProps {
  readonly onNavigate?: (() => void) | undefined;
}

function Navigation({ onNavigate }: NavigationProps) {
  const [mayManage, maySend] = [useMayManageAll(), useMaySendAll()];
  return (
    <nav className={classes.navigation} aria-label="Main">
      <Link to="/connections" className={classes.link} onClick={onNavigate}>
        <IconMail size={18} aria-hidden />
        SMTP
      </Link>
      <Link to="/events" className={classes.link} onClick={onNavigate}>
        <IconActivity size={18} aria-hidden />
        Live events
      </Link>
      <Link to="/statistics" className={classes.link} onClick={onNavigate}>
        <IconChartLine size={18} aria-hidden />
        Statistics
      </Link>
      {maySend && (
        <Link to="/suppressions" className={classes.link} onClick={onNavigate}>
          <IconBan size={18} aria-hidden />
          Suppressions
        </Link>
      )}
      {mayManage && (
        <>
          <Link to="/outgoing-webhooks" className={classes.link} onClick={onNavigate}>
            <IconWebhook size={18} aria-hidden />
            Outgoing webhooks
          </Link>
          <Link to="/api-keys" className={classes.link} onClick={onNavigate}>
            <IconKey size={18} aria-hidden />
            API keys
          </Link>
          <Link to="/audit" className={classes.link} onClick={onNavigate}>
            <IconHistory size={18} aria-hidden />
            Audit
          </Link>
          <ConsumersLink onNavigate={onNavigate} />
        </>
      )}
      <a href="/api/docs" className={classes.link}>
        <IconBook2 size={18} aria-hidden />
        API docs
      </a>
    </nav>
  );
}

/** Only the operator's organization sees consumers. */
function ConsumersLink({ onNavigate }: NavigationProps) {
  const { data: consumers = [] } = useQuery({ ...consumersQuery, refetchInterval: false });
  return consumers.length === 0 ? null : (
    <Link to="/consumers" className={classes.link} onClick={onNavigate}>
      <IconStack2 size={18} aria-hidden />
      Consumers
    </Link>
  );
}

/**
 * Moves the focus to the content of a new page, so that keyboard and screen reader users start there. A page that focuses a
 * field of its own keeps that focus. The tabs of a connection are one page.
 */
function useFocusOnPage(main: RefObject<HTMLElement | null>): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, toLocation }) => {
        if (fromLocation === undefined || fromLocation.href === toLocation.href) return;
        const isOther = pageAt(fromLocation.pathname) !== pageAt(toLocation.pathname);
        const isLost = document.activeElement === document.body;
        const isTaken = document.activeElement?.matches('main [data-autofocus]') === true;
        if ((isOther && !isTaken) || isLost) main.current?.focus({ preventScroll: true });
      }),
    [router, main],
  );
}

/** `/connections/<id>/events` → `/connections/<id>`. */
function pageAt(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}
