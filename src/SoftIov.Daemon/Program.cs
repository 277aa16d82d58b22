using SoftIov.Daemon.Hosting;

return await DaemonCommand.Create().Parse(args).InvokeAsync().ConfigureAwait(false);
