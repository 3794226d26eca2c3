import { useQuery } from '@tanstack/react-query';
import { ChartColumn, Download, Table as TableIcon } from 'lucide-react';
import { useId, useMemo, useState } from 'react';

import { chatQuery } from '../../shared/api/chats';
import type { Message, Route } from '../../shared/api/types';
import { genieText } from '../../shared/i18n/genie';
import { tableText } from '../../shared/i18n/table-texts';
import { formatCount } from '../../shared/lib/format';
import { downloadCsv } from '../../shared/table/csv';
import { CopyButton } from '../../shared/ui/copy-button';
import { LinkButton } from '../../shared/ui/link-button';
import { Waiting } from '../chat/components/message-styles';
import { useTurns } from '../chat/stream/stream-store';
import { setChat } from '../models/set-chat';
import { askAgain, askGenie } from './actions';
import { planChart } from './chart';
import { Chart } from './plot';
import { isOver, readAnswer, shownCell, type GenieAnswer, type Result } from './result';
import { Card, Chips, Choice, Figure, Foot, Head, Line, Sql, Steps, Tool } from './styles';
import { DataTable, firstRows } from './table';

interface Props {
  message: Message;
  /** The part of the reply that is Genie's. */
  part: Readonly<Record<string, unknown>>;
  question: string;
  /** It is being written. */
  running: boolean;
}

/** Above the answer: why Genie was asked, and a way to have it otherwise. */
export function GenieReason({ message, part, question, running }: Props) {
  const answer = useMemo(() => readAnswer(part), [part]);
  const sessionId = message.session_id ?? '';
  const busy = useTurns(sessionId).length > 0;
  const fellBack = answer.state === 'FAILED' && message.status !== 'error';
  if (fellBack && !running) return null;
  return (
    <Line data-testid="genie-reason">
      <span>
        {answer.wanted ? genieText.wanted : `${genieText.because} `}
        {!answer.wanted && <em>{answer.reason}</em>}
      </span>
      {!running && (
        <LinkButton
          type="button"
          disabled={busy}
          onClick={() => void askAgain(message, question, 'model')}
          data-testid="ask-model"
        >
          {genieText.askModel}
        </LinkButton>
      )}
      {!running && <Pin sessionId={sessionId} />}
    </Line>
  );
}

const routes: Route[] = ['auto', 'genie', 'model'];

function Pin({ sessionId }: { sessionId: string }) {
  const id = useId();
  const chat = useQuery({ ...chatQuery(sessionId), enabled: false });
  const route = chat.data?.settings?.route ?? 'auto';
  return (
    <label htmlFor={id}>
      <span>{genieText.who}</span>
      <select
        id={id}
        value={route}
        data-testid="genie-pin"
        onChange={(event) => {
          setChat(sessionId, { route: event.target.value === 'auto' ? null : (event.target.value as Route) });
        }}
      >
        {routes.map((one) => (
          <option key={one} value={one}>
            {genieText.routes[one]}
          </option>
        ))}
      </select>
    </label>
  );
}

const steps = [
  'SUBMITTED',
  'FETCHING_METADATA',
  'FILTERING_CONTEXT',
  'ASKING_AI',
  'PENDING_WAREHOUSE',
  'EXECUTING_QUERY',
];

function Progress({ state }: { state: string }) {
  const done = steps.indexOf(state);
  return (
    <div role="status" data-testid="genie-progress" data-state={state}>
      <Waiting>{genieText.states[state] ?? genieText.working}</Waiting>
      {done >= 0 && (
        <Steps aria-hidden>
          {steps.map((step, index) => (
            <i key={step} data-done={index <= done} />
          ))}
        </Steps>
      )}
    </div>
  );
}

/** Below the answer: what Genie found, as data. */
export function GenieResult({ message, part, running }: Omit<Props, 'question'>) {
  const answer = useMemo(() => readAnswer(part), [part]);
  const working = running && !isOver(answer.state);
  const done = answer.state === 'COMPLETED';
  return (
    <>
      {working && <Progress state={answer.state} />}
      {(done || working) && (answer.result !== null || answer.sql !== '') && <Data answer={answer} />}
      {done && !running && answer.suggestions.length > 0 && (
        <Suggestions sessionId={message.session_id ?? ''} questions={answer.suggestions} />
      )}
    </>
  );
}

function Data({ answer }: { answer: GenieAnswer }) {
  const id = useId();
  const { result, sql } = answer;
  const plan = useMemo(() => (result === null ? null : planChart(result)), [result]);
  const [drawn, setDrawn] = useState(false);
  const [all, setAll] = useState(false);
  const title = answer.title === '' ? genieText.result : answer.title;
  return (
    <Card role="group" aria-labelledby={id} data-testid="genie-result">
      <Head>
        <h3 id={id}>{title}</h3>
        {plan !== null && (
          <Choice role="group" aria-label={genieText.view}>
            <button
              type="button"
              aria-pressed={!drawn}
              onClick={() => {
                setDrawn(false);
              }}
              data-testid="genie-show-table"
            >
              <TableIcon size={14} aria-hidden />
              {genieText.table}
            </button>
            <button
              type="button"
              aria-pressed={drawn}
              onClick={() => {
                setDrawn(true);
              }}
              data-testid="genie-show-chart"
            >
              <ChartColumn size={14} aria-hidden />
              {genieText.chart}
            </button>
          </Choice>
        )}
      </Head>
      {result !== null &&
        (drawn && plan !== null ? (
          <Chart result={result} plan={plan} />
        ) : (
          <Rows result={result} all={all} label={title} />
        ))}
      {result !== null && result.rows.length > 0 && (
        <Foot>
          <span data-testid="genie-rows">{rowsText(result)}</span>
          {!drawn && result.rows.length > firstRows && (
            <Tool
              type="button"
              onClick={() => {
                setAll(!all);
              }}
              data-testid="genie-show-all"
            >
              {all ? genieText.showLess : genieText.showAll(formatCount(result.rows.length))}
            </Tool>
          )}
          <Tool
            type="button"
            onClick={() => {
              downloadCsv(
                title,
                'genie-result',
                result.columns.map((column) => column.name),
                result.rows,
              );
            }}
            data-testid="genie-csv"
          >
            <Download size={14} aria-hidden />
            {tableText.download}
          </Tool>
        </Foot>
      )}
      {sql !== '' && (
        <Sql data-testid="genie-sql">
          <summary>{genieText.sql}</summary>
          <div>
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
            <pre tabIndex={0}>{sql}</pre>
            <CopyButton label={genieText.copySql} value={() => sql} testId="genie-copy-sql" />
          </div>
        </Sql>
      )}
    </Card>
  );
}

function rowsText(result: Result): string {
  const shown = result.rows.length;
  if (shown < result.rowCount && !result.truncated)
    return genieText.firstRows(formatCount(shown), formatCount(result.rowCount));
  if (result.truncated) return genieText.firstOfMore(formatCount(shown), formatCount(result.rowCount));
  return shown === 1 ? genieText.row : genieText.rows(formatCount(shown));
}

function Rows({ result, all, label }: { result: Result; all: boolean; label: string }) {
  const [column] = result.columns;
  const cell = result.rows[0]?.[0];
  if (result.rows.length === 0)
    return (
      <Figure>
        <span>{genieText.noRows}</span>
      </Figure>
    );
  if (result.rows.length === 1 && result.columns.length === 1 && column !== undefined && typeof cell === 'string') {
    return (
      <Figure data-testid="genie-figure">
        <strong>{shownCell(cell, column)}</strong>
        <span>{column.name}</span>
      </Figure>
    );
  }
  return <DataTable result={result} all={all} label={label} />;
}

function Suggestions({ sessionId, questions }: { sessionId: string; questions: string[] }) {
  const busy = useTurns(sessionId).length > 0;
  return (
    <Chips role="group" aria-label={genieText.suggestions} data-testid="genie-suggestions">
      {questions.map((question) => (
        <button key={question} type="button" disabled={busy} onClick={() => void askGenie(sessionId, question)}>
          {question}
        </button>
      ))}
    </Chips>
  );
}
