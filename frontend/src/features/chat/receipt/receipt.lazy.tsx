import { Copy } from 'lucide-react';
import { useId, type ReactNode } from 'react';

import { readChat } from '../../../shared/api/chats';
import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { receiptTexts as words } from '../../../shared/i18n/receipt-texts';
import { announce } from '../../../shared/lib/announcer';
import { copyText } from '../../../shared/lib/clipboard';
import { formatShort } from '../../../shared/lib/format';
import { useNavigate } from '../../../shared/lib/router';
import { Button, PrimaryButton } from '../../../shared/ui/button';
import { Dialog, DialogActions } from '../../../shared/ui/dialog';
import { notify } from '../../../shared/ui/notices';
import {
  contextLines,
  generalFacts,
  idFacts,
  isSum,
  receiptText,
  stagesOf,
  timeFacts,
  tokenFacts,
  type Fact,
  type Stage,
} from './facts';
import { Bars, Bar, Facts, Quiet, Section } from './receipt-styles';

/** How much of the first message that was told is shown. */
const shownOfFirst = 80;

/** The words of the first message that the model was told, if the page has it. */
function firstTold({ session_id: sessionId, metrics }: Message): string | null {
  const first = readChat(sessionId ?? '')?.messages.find((one) => one.message_id === metrics?.contextFrom);
  const said = first?.content.trim().replaceAll(/\s+/g, ' ') ?? '';
  if (said === '') return null;
  return said.length > shownOfFirst ? `${said.slice(0, shownOfFirst).trimEnd()}…` : said;
}

/** What a reply took, and how it came to be. */
export function Receipt({ message, onClose }: { message: Message; onClose: () => void }) {
  const navigate = useNavigate();
  const first = firstTold(message);
  const context = contextLines(message, first);
  const from = message.metrics?.contextFrom ?? '';
  const goTo = () => {
    onClose();
    void navigate(`/c/${encodeURIComponent(message.session_id ?? '')}?m=${encodeURIComponent(from)}`);
  };
  const copy = async () => {
    if (await copyText(receiptText(message, first))) announce(text.message.copied);
    else notify(text.message.copyFailed);
  };
  return (
    <Dialog title={words.title} testId="receipt" reading onClose={onClose}>
      <Group>
        <FactList facts={generalFacts(message)} />
      </Group>
      <Group title={words.times} empty={message.metrics?.totalTime === undefined}>
        <Waterfall stages={stagesOf(message)} />
        <FactList facts={timeFacts(message)} />
        {isSum(message) && <Quiet>{words.sum}</Quiet>}
      </Group>
      <Group title={words.tokens} empty={tokenFacts(message).length === 0}>
        <FactList facts={tokenFacts(message)} />
      </Group>
      <Group title={words.context} empty={context.length === 0}>
        {context.map((line) => (
          <p key={line}>{line}</p>
        ))}
        {first !== null && (message.metrics?.contextMessages ?? 0) > 0 && (
          <Button type="button" onClick={goTo} data-testid="receipt-go">
            {words.goTo}
          </Button>
        )}
      </Group>
      <Group title={words.ids}>
        <FactList facts={idFacts(message)} code />
      </Group>
      <DialogActions>
        <Button type="button" onClick={() => void copy()} data-testid="receipt-copy">
          <Copy size={15} aria-hidden />
          {words.copy}
        </Button>
        <PrimaryButton type="button" onClick={onClose}>
          {words.close}
        </PrimaryButton>
      </DialogActions>
    </Dialog>
  );
}

function Group({ title, empty = false, children }: { title?: string; empty?: boolean; children: ReactNode }) {
  const id = useId();
  if (empty) return null;
  return (
    <Section aria-labelledby={title === undefined ? undefined : id}>
      {title !== undefined && <h3 id={id}>{title}</h3>}
      {children}
    </Section>
  );
}

function FactList({ facts, code = false }: { facts: readonly Fact[]; code?: boolean }) {
  if (facts.length === 0) return null;
  return (
    <Facts data-code={code}>
      {facts.map((fact) => (
        <div key={fact.name}>
          <dt data-part={fact.part === true}>{fact.name}</dt>
          <dd>{code ? <code>{fact.value}</code> : fact.value}</dd>
        </div>
      ))}
    </Facts>
  );
}

/** The bars are for eyes; their names and lengths are told in words. */
function Waterfall({ stages }: { stages: readonly Stage[] }) {
  const total = stages.at(-1)?.to ?? 0;
  if (total <= 0) return null;
  const share = (seconds: number) => `${(100 * seconds) / total}%`;
  return (
    <Bars data-testid="waterfall">
      {stages.map(({ name, from, to }) => (
        <li key={name}>
          <span>{name}</span>
          <Bar aria-hidden>
            <i style={{ marginLeft: share(from), width: share(to - from) }} />
          </Bar>
          <b>{formatShort(to - from)}</b>
        </li>
      ))}
    </Bars>
  );
}
