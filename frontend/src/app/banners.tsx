import { TriangleAlert, WifiOff, X } from 'lucide-react';
import { useEffect } from 'react';
import styled from 'styled-components';

import { getJson } from '../shared/api/http';
import { queryClient } from '../shared/api/query-client';
import { text } from '../shared/i18n/messages';
import { announce } from '../shared/lib/announcer';
import { reportBack, reportLost, useConnectionLost } from '../shared/lib/connection';
import { c } from '../shared/theme/theme';
import { IconButton } from '../shared/ui/icon-button';
import { dismiss, useNotices } from '../shared/ui/notices';

const Bar = styled.div`
  display: flex;
  align-items: center;
  gap: 10px;
  padding: 6px 16px;
  min-height: 36px;
  font-size: 0.8125rem;
  line-height: 1.45;
  background: ${c.bg.notice};
  color: ${c.fg.notice};
  &[data-kind='error'] {
    background: ${c.bg.danger};
    color: ${c.fg.danger};
  }
  p {
    flex: 1;
    overflow-wrap: anywhere;
  }
  small {
    margin-left: 8px;
    font-size: inherit;
    opacity: 0.85;
  }
  button,
  button:hover:not(:disabled) {
    color: inherit;
  }
`;

const knock = 2500;

export function Banners() {
  return (
    <section aria-label={text.banner.region} data-testid="banners">
      <Unreachable />
      <Errors />
    </section>
  );
}

async function isReachable(): Promise<boolean> {
  try {
    await getJson('/');
    return true;
  } catch {
    return false;
  }
}

function Unreachable() {
  const lost = useConnectionLost();
  useEffect(() => {
    if (!lost) return undefined;
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const back = await isReachable();
      if (gone) return;
      if (!back) {
        timer = setTimeout(() => void ask(), knock);
        return;
      }
      reportBack();
      announce(text.banner.back);
      void queryClient.invalidateQueries();
    };
    const askAtOnce = () => {
      clearTimeout(timer);
      void ask();
    };
    timer = setTimeout(() => void ask(), knock / 5);
    window.addEventListener('online', askAtOnce);
    return () => {
      gone = true;
      clearTimeout(timer);
      window.removeEventListener('online', askAtOnce);
    };
  }, [lost]);
  useEffect(() => {
    // What the browser believes is only a reason to look: the server may run on this machine.
    const look = async () => {
      if (!(await isReachable())) reportLost();
    };
    const onOffline = () => void look();
    window.addEventListener('offline', onOffline);
    return () => {
      window.removeEventListener('offline', onOffline);
    };
  }, []);
  if (!lost) return null;
  return (
    <Bar role="alert" data-testid="offline-banner">
      <WifiOff size={16} aria-hidden />
      <p>{text.banner.offline}</p>
    </Bar>
  );
}

function Errors() {
  return useNotices().map((notice) => (
    <Bar key={notice.id} data-kind="error" role="alert" data-testid="error-banner">
      <TriangleAlert size={16} aria-hidden />
      <p>
        {notice.text}
        {notice.reference !== null && <small>{text.banner.reference(notice.reference)}</small>}
      </p>
      <IconButton
        type="button"
        aria-label={text.banner.dismiss}
        onClick={() => {
          dismiss(notice.id);
          document.getElementById('composer')?.focus();
        }}
      >
        <X size={16} aria-hidden />
      </IconButton>
    </Bar>
  ));
}
