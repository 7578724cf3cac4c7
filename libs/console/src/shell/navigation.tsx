import { IconBook2, IconKey, IconMail } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMayManageAll } from '../session/use-session.ts';
import classes from './navigation.module.css';

export interface NavigationProps {
  readonly onNavigate?: () => void;
}

export function Navigation({ onNavigate }: NavigationProps) {
  const mayManage = useMayManageAll();
  return (
    <nav className={classes.navigation} aria-label="Main">
      <Link to="/connections" className={classes.link} onClick={onNavigate}>
        <IconMail size={18} aria-hidden />
        SMTP
      </Link>
      {mayManage && (
        <Link to="/api-keys" className={classes.link} onClick={onNavigate}>
          <IconKey size={18} aria-hidden />
          API keys
        </Link>
      )}
      <a href="/api/docs" className={classes.link}>
        <IconBook2 size={18} aria-hidden />
        API docs
      </a>
    </nav>
  );
}
