// Shows a notice that was pushed, once for its tag, and opens the page where it is read. Keeps and asks for nothing.
"use strict";
self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : {};
  const options = { body: told.body, tag: told.tag, icon: "/static/jiyi.svg", data: { link: told.link } };
  event.waitUntil(self.registration.showNotification(told.title, options));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const link = new URL(event.notification.data.link || "/portal/notices", self.location.origin);
  const target = link.origin === self.location.origin ? link.href : `${self.location.origin}/portal/notices`;
  event.waitUntil(self.clients.openWindow(target));
});
