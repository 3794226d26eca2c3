export type ExportFormat = 'markdown' | 'json';

/** The browser saves what the server streams, whatever its size; nothing of it is held in the page. */
function download(path: string, format: ExportFormat): void {
  const link = document.createElement('a');
  link.href = `/chat-api${path}?format=${format}`;
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
}

export function exportChat(sessionId: string, format: ExportFormat): void {
  download(`/chats/${encodeURIComponent(sessionId)}/export`, format);
}

export function exportAll(format: ExportFormat): void {
  download('/export', format);
}
