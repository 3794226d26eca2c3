/** Leaves by a real navigation: the server ends the session and says where to go. */
export function signOut(): void {
  window.location.assign('/chat-api/logout');
}
