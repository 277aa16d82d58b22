namespace SoftIov.Devices.Nvme;

/// <summary>Where a subsystem keeps what survives a restart. Control code, one call at a time.</summary>
public interface INamespaceRecords
{
    /// <summary>
    /// What was saved last; <see cref="SubsystemRecord.Empty"/> when nothing ever was. Throws an <see cref="IOException"/>, or an
    /// <see cref="InvalidDataException"/> when it makes no sense: never less than what was saved.
    /// </summary>
    SubsystemRecord Load();

    /// <summary>
    /// Replaces what was saved, wholly and durably by the time it returns: a crash leaves the old or the new. Throws an
    /// <see cref="IOException"/> when the old stays.
    /// </summary>
    void Save(SubsystemRecord record);
}
