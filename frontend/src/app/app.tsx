import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';

import { SignedOut } from '../features/auth/signed-out';
import { queryClient } from '../shared/api/query-client';
import { Announcer } from '../shared/lib/announcer';
import { BrowserRouter, Outlet, Route, Routes, useLocation, useNavigate } from '../shared/lib/router';
import { useSignedOut } from '../shared/lib/session';
import { GlobalStyle } from '../shared/theme/global-style';
import { ErrorBoundary } from './error-boundary';
import { NotFound } from './not-found';
import { Shell } from './shell';

/** Whoever is not signed in is told so, wherever the server said it; the way back is kept. */
function Gate({ children }: { children: ReactNode }) {
  const signedOut = useSignedOut();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  useEffect(() => {
    if (signedOut && pathname !== '/signed-out')
      void navigate('/signed-out', { replace: true, state: { from: pathname } });
  }, [signedOut, pathname, navigate]);
  return children;
}

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <GlobalStyle />
      <BrowserRouter>
        <ErrorBoundary>
          <Gate>
            <Routes>
              <Route
                element={
                  <>
                    <Shell />
                    <Outlet />
                  </>
                }
              >
                <Route path="/" element={null} />
                <Route path="/c/:sessionId" element={null} />
                <Route path="/archive" element={null} />
                <Route path="/trash" element={null} />
              </Route>
              <Route path="/signed-out" element={<SignedOut />} />
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Gate>
        </ErrorBoundary>
        <Announcer />
      </BrowserRouter>
    </QueryClientProvider>
  );
}
