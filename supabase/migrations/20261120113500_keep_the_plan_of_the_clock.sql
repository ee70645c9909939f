-- The clock is read by every function and default. In `language sql` it was planned anew at each call; plpgsql keeps its plan.
create or replace function verne.now() returns timestamptz
language plpgsql stable security definer set search_path = '' as
$$ begin return (select clock_timestamp() + c.shift from verne.clock c); end $$;
