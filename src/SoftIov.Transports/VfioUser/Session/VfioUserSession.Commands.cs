using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <content>Commands come in here, answers leave.</content>
internal sealed partial class VfioUserSession
{
    private FileDescriptor? _answerFile;

    private Span<byte> Payload => _answer.AsSpan(MessageHeader.Length);

    private void Execute(Message command)
    {
        MessageHeader header = command.Header;
        Volatile.Write(ref _commandSince, Time.GetTimestamp());
        try
        {
            Errno error = Run(command, out int length);
            Counts.AddCommand();
            if (error != Errno.None)
                Refuse(header, error);
            Answer(header, error, length);
        }
        finally
        {
            Volatile.Write(ref _commandSince, 0);
            _input.Return(command);
        }
    }

    /// <summary>Runs a command; <paramref name="length"/> bytes of <see cref="Payload"/> are its answer.</summary>
    private Errno Run(Message command, out int length)
    {
        length = 0;
        _answerFile = null;
        VfioUserCommand what = command.Header.Command;
        if (command.Descriptors.AreLost)
            return Errno.EMFILE;
        if (command.Descriptors.Count > 0 && what is not (VfioUserCommand.DmaMap or VfioUserCommand.DeviceSetIrqs))
            return Errno.EINVAL;
        if (what == VfioUserCommand.Version != Since is null)
            return Errno.EINVAL;
        return what switch
        {
            VfioUserCommand.Version => AgreeOnVersion(command.Body, out length),
            VfioUserCommand.DmaMap => MapDma(command),
            VfioUserCommand.DmaUnmap => UnmapDma(command.Body, out length),
            VfioUserCommand.DeviceGetInfo => GetInfo(command.Body, out length),
            VfioUserCommand.DeviceGetRegionInfo => GetRegionInfo(command.Body, out length),
            VfioUserCommand.DeviceGetRegionIoFds => GetRegionIoFds(command.Body, out length),
            VfioUserCommand.DeviceGetIrqInfo => GetIrqInfo(command.Body, out length),
            VfioUserCommand.DeviceSetIrqs => _interrupts.Apply(command),
            VfioUserCommand.RegionRead => ReadRegion(command.Body, out length),
            VfioUserCommand.RegionWrite => WriteRegion(command.Body, out length),
            VfioUserCommand.RegionWriteMulti => WriteRegions(command.Body, out length),
            VfioUserCommand.DeviceReset => Reset(),
            VfioUserCommand.DeviceFeature => GetFeature(command.Body),
            _ => Errno.EINVAL,
        };
    }

    private void Refuse(in MessageHeader header, Errno error)
    {
        Counts.AddRefusedCommand();
        _socket.WarnOfRefusal(header.Command, error);
        if (Since is null)
            _end = SessionEnd.Broken($"no version was agreed on (command {(ushort)header.Command}, {error})");
    }

    private void Answer(in MessageHeader header, Errno error, int length)
    {
        if (header.IsPosted)
            return;
        _socket.Server.Loop.Answered();
        MessageHeader answer = header.Answer(error, length);
        answer.Write(_answer);
        if (!Output.Send(_answer.AsSpan(0, (int)answer.Size), _answerFile))
            _end ??= SessionEnd.ByClient;
    }

    private void ReservePayload(int length)
    {
        if (_answer.Length < MessageHeader.Length + length)
            Array.Resize(ref _answer, Math.Max(MessageHeader.Length + length, Math.Min(2 * _answer.Length, ProtocolLimits.Message)));
    }
}
