namespace SoftIov.Lab.Demo;

/// <summary>
/// The folder of one demo: sockets, state and the daemon's log. It goes with the demo, unless there is a reason to look into it.
/// </summary>
internal sealed class DemoFolder : IDisposable
{
    // UNIX sockets allow 107 bytes, and "run/net0/vf0.sock" is to fit.
    private const int LongestTemporaryPath = 60;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _path;

    public DemoFolder()
    {
        string temporary = Path.GetTempPath();
        _path = temporary.Length <= LongestTemporaryPath
            ? Directory.CreateTempSubdirectory("softiov-demo-").FullName
            : Directory.CreateDirectory($"/tmp/softiov-demo-{Guid.NewGuid():n}", OwnerOnly).FullName;
    }

    /// <summary>Control socket of the daemon.</summary>
    public string ControlSocket => Path.Combine(_path, "control.sock");

    /// <summary>Where the daemon saves its state.</summary>
    public string State => Path.Combine(_path, "state");

    /// <summary>Where the bytes of a disk are.</summary>
    public string Disk => Path.Combine(_path, "disk.img");

    /// <summary>Where the daemon has the functions' sockets.</summary>
    public string Runtime => Path.Combine(_path, "run");

    /// <summary>What the daemon logged.</summary>
    public string DaemonLog => Path.Combine(_path, "softiovd.log");

    /// <summary>What guests said when something failed.</summary>
    public string GuestLog => Path.Combine(_path, "guests.log");

    /// <summary>Leaves the logs behind, if there are any.</summary>
    public bool KeepsLogs { get; set; }

    /// <summary>Logs that there are.</summary>
    public IEnumerable<string> Logs => new[] { DaemonLog, GuestLog }.Where(File.Exists);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            if (!KeepsLogs || !Logs.Any())
            {
                Directory.Delete(_path, recursive: true);
                return;
            }

            foreach (string folder in new[] { State, Runtime }.Where(Directory.Exists))
                Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Somebody else's cleaning of the temporary folder came first.
        }
    }
}
