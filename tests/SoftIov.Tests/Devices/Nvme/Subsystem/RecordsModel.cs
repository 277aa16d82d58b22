using SoftIov.Devices.Nvme;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>Records kept in memory; each save is seen by the test, which may make it fail.</summary>
internal sealed class RecordsModel : INamespaceRecords
{
    public SubsystemRecord Saved { get; set; } = SubsystemRecord.Empty;

    public bool IsFailing { get; set; }

    public int Saves { get; private set; }

    /// <summary>Runs after each save.</summary>
    public Action? AfterSave { get; set; }

    public SubsystemRecord Load() => Saved;

    public void Save(SubsystemRecord record)
    {
        if (IsFailing)
            throw new IOException("the records fail");
        Saved = record;
        Saves++;
        AfterSave?.Invoke();
    }
}
