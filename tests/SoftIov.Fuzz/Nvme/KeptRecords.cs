using SoftIov.Devices.Nvme;

namespace SoftIov.Fuzz.Nvme;

/// <summary>Records for as long as the process lives.</summary>
internal sealed class KeptRecords : INamespaceRecords
{
    private SubsystemRecord _record = SubsystemRecord.Empty;

    public SubsystemRecord Load() => _record;

    public void Save(SubsystemRecord record) => _record = record;
}
