#!/usr/bin/env escript
%%! -noinput
%% The servers in Erlang: erlang_server.escript <port> <echo|upper|lines>. One process a connection, {active, once}.
-mode(compile).

main([Port, Reply]) ->
    Packet = case Reply of "lines" -> line; _ -> raw end,
    Options = [binary, {packet, Packet}, {active, once}, {reuseaddr, true}, {nodelay, true}, {buffer, 65536}, {backlog, 4096}, {ip, {127, 0, 0, 1}}],
    {ok, Listener} = gen_tcp:listen(list_to_integer(Port), Options),
    accept(Listener, Reply).

accept(Listener, Reply) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Pid = spawn(fun() -> serve(Socket, Reply) end),
    gen_tcp:controlling_process(Socket, Pid),
    accept(Listener, Reply).

serve(Socket, Reply) ->
    receive
        {tcp, Socket, Data} ->
            gen_tcp:send(Socket, case Reply of "upper" -> string:uppercase(Data); _ -> Data end),
            inet:setopts(Socket, [{active, once}]),
            serve(Socket, Reply);
        {tcp_closed, Socket} -> ok;
        {tcp_error, Socket, _} -> ok
    end.
