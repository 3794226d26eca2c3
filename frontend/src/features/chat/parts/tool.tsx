import { ChevronRight, CircleAlert, CircleSlash, ExternalLink, LoaderCircle, Wrench } from 'lucide-react';
import { useId, useState } from 'react';

import type { Part } from '../../../shared/api/types';
import { partText } from '../../../shared/i18n/part-messages';
import { formatDuration } from '../../../shared/lib/format';
import { Button } from '../../../shared/ui/button';
import { CodeBlock } from '../../markdown/code-block';
import { safeLink } from '../../markdown/safe-url';
import { Brief, State, ToolBody, ToolBox, ToolHint, ToolLine, ToolName } from './part-styles';
import { brief, layOut, textOf } from './values';

type Status = keyof typeof partText.tool.status;

function statusOf(part: Part): Status {
  const status = textOf(part, 'status');
  return status in partText.tool.status ? (status as Status) : 'done';
}

/** Times below this say nothing: the call and its result came together. */
const least = 0.05;

function stateText(part: Part, status: Status): string {
  const words = partText.tool.status[status];
  if (typeof part.seconds !== 'number' || part.seconds < least) return words;
  return status === 'done' ? formatDuration(part.seconds) : `${words} · ${formatDuration(part.seconds)}`;
}

function Sign({ status }: { status: Status }) {
  if (status === 'running') return <LoaderCircle size={16} data-turning="" aria-hidden />;
  if (status === 'failed') return <CircleAlert size={16} data-failed="" aria-hidden />;
  if (status === 'unanswered') return <CircleSlash size={16} aria-hidden />;
  return <Wrench size={16} aria-hidden />;
}

/** A call of a tool: a line that opens to show what was asked and what came back. */
export function Tool({ part }: { part: Part }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const status = statusOf(part);
  const name = textOf(part, 'name') || partText.tool.unnamed;
  const asked = textOf(part, 'arguments');
  return (
    <ToolBox data-testid="tool-part" data-status={status}>
      <ToolLine
        type="button"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => {
          setOpen(!open);
        }}
      >
        <Sign status={status} />
        <ToolName>{name}</ToolName>
        <Brief>{brief(asked)}</Brief>
        <State data-failed={status === 'failed'} data-testid="tool-state">
          {stateText(part, status)}
        </State>
        <ChevronRight size={15} data-open={open} aria-hidden />
      </ToolLine>
      {status === 'unanswered' && (
        <ToolHint>
          <span>{partText.tool.unanswered}</span>
        </ToolHint>
      )}
      <Login part={part} />
      {open && (
        <ToolBody id={id} data-testid="tool-body">
          <Value title={partText.tool.arguments} tool={name} text={asked} />
          {part.output !== undefined && (
            <Value title={partText.tool.result} tool={name} text={textOf(part, 'output')} />
          )}
          {part.cut === true && <p>{partText.tool.cut}</p>}
        </ToolBody>
      )}
    </ToolBox>
  );
}

function Value({ title, tool, text }: { title: string; tool: string; text: string }) {
  const { code, language } = layOut(text);
  return (
    <>
      <h3>{title}</h3>
      {text === '' ? (
        <p>{partText.tool.none}</p>
      ) : (
        <CodeBlock code={code} language={language} open={false} name={partText.tool.of(title, tool)} />
      )}
    </>
  );
}

/** Where the person signs in before the tool works in their name. */
function Login({ part }: { part: Part }) {
  const login = part.login as { connection?: unknown; url?: unknown } | undefined;
  const href = typeof login?.url === 'string' ? safeLink(login.url) : null;
  if (href === null || typeof login?.connection !== 'string') return null;
  return (
    <ToolHint data-testid="tool-login">
      <span>{partText.tool.login(login.connection)}</span>
      <Button as="a" href={href} target="_blank" rel="noopener noreferrer">
        {partText.tool.signIn(login.connection)}
        <ExternalLink size={14} aria-hidden />
      </Button>
    </ToolHint>
  );
}
