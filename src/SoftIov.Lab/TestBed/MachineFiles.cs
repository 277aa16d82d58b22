namespace SoftIov.Lab.TestBed;

/// <summary>
/// Sockets and logs of one virtual machine, in a folder that goes with it. Its path is short: sockets allow 107 characters.
/// </summary>
internal sealed class MachineFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("softiov-vm-");

    /// <summary>Log of the guest's console.</summary>
    public string Console => Path.Combine(_folder.FullName, "console.log");

    /// <summary>Where the command channel's serial port connects.</summary>
    public string AgentSocket => Path.Combine(_folder.FullName, "agent");

    /// <summary>QEMU's monitor for this process.</summary>
    public string OwnMonitor => Path.Combine(_folder.FullName, "monitor");

    /// <summary>QEMU's monitor for others: one socket serves one client at a time.</summary>
    public string OthersMonitor => Path.Combine(_folder.FullName, "qmp");

    /// <summary>Where a guest comes in that moves here.</summary>
    public string MigrationSocket => Path.Combine(_folder.FullName, "incoming");

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // Somebody else's cleaning of /tmp came first.
        }
    }
}
